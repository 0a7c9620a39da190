"""The append-only SQLite ledger: opened by `engine`, written by `book`, read by `queries`.

`files`, `lock`, `schema`, `store` and `refusal` are about the file; `cycles`, `looks`, `history`,
`actions` and `reading` are about what is in it. `upgrade` brings an old one to the newest schema.
Nothing here reads the clock or draws at random: times and the run's prefix come in as arguments.
"""
