"""The open feed audited: what it promises, attacked; what it costs, measured."""
