"""From hub topics into the store: reads, decodes and writes rows; decides nothing about release."""
