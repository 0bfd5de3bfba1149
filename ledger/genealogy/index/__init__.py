"""A derived index of the table `link`, for traces that reach far.

The table is the truth. The index holds what a walk needs of it, in arrays that are mapped into
memory: the links of each item and the links of each node, as compressed sparse rows. It may be
missing, old or damaged at any moment; then the database answers the same question.

* `segment`: the arrays, and how links are found in them.
* `extract`, `base`, `merging`, `tail`: how they are made from the table.
* `state`: which state of the ledger they were made from, and whether it still stands.
* `files`, `folder`, `upkeep`: the files, what a crash leaves of them, and who may write.
* `view`, `reader`, `walker`, `wide`: walks over them, equal to `ledger.genealogy.walk.walk`.

docs/tracing.md, "The index"; docs/adr/0012-trace-index.md.
"""
