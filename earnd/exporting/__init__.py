"""What the ledger says moved, written for other programs: rows in, text out, nothing else."""
