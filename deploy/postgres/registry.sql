-- The schema registry's own database, beside the hub's.
CREATE DATABASE registry;
