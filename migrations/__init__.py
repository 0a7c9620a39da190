"""The ledger's schema, one dated file per step; `earnd migrate` and a new ledger run them."""
