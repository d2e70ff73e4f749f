"""Small scripts that run in the yardstick's environment: JSON in, JSON out, nothing of ours."""
