"""The local stack: broker, workers and API as processes of this machine, started and stopped."""
