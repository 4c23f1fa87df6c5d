"""An evil server between people who share vaults."""
