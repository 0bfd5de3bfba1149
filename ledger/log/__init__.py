"""The append-only log: canonical bytes, entries, Merkle tree, checkpoints, proofs, verification."""
