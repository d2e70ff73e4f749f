"""From topic to topic: intake, linkage, repeats, tension. Pure rules, each beside a thin agent."""
