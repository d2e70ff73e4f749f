"""Looking at an agreement before it is approved: examples, replay, widening, warnings, matrix.

Everything here is a pure function of agreements, of decision inputs and of what an engine answers:
nothing reads a store, a clock or a record's contents. What is said is said in words that an
officer reads.
"""
