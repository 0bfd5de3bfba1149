"""A world of any size: campaigns of an e-bike maker, its suppliers, dealers and customers.

`suyuan demo --items N --seed S` generates it, and so do tests and bench. Ten levels lead from ore
to the bicycle: concentrate, cathode, rod, wire, spool, relabelled spool, stators, motor, drive
unit, bicycle; boards, chips, magnets, laminations, varnish, adhesive, tubes, frames, cells and
batteries join them on the way. A wave is one campaign of 24 to 40 bicycles: about 280 items and
410 events in 270 documents.

What is usual in real life, and how much of it is made here:

| what happens | share |
| --- | --- |
| lots with an amount | 38 a wave: 13 in MTR, 13 H87, 10 KGM, 2 LTR; 6 more hold serials |
| a lot shared by several waves (varnish) | 1 for every 3 waves |
| events joined by a transformationID | enamelling: 5 over 3 days; every other motor lot: 2 |
| lots split; merged; relabelled | 1; 1; every other spool; a wave |
| rework: some of a lot taken apart and put back into it | 1 a wave |
| stators rejected and destroyed | 1 of each lot of about 10 |
| drive units failing their test; controller exchanged | 1 of 16 |
| unpackings that name no content | 1 of 4: crates, swap bodies, cages, half of the racks |
| a lot that leaves its container in two parts | 1 a wave |
| trips of the same rack, swap body and cage | 3 to 5 a wave, and again in later waves |
| documents late by chance, 1 to 14 days | 6 % |
| documents always late | Gangda's lots 7 days, Xinhe's 14: after the goods |
| firms that write EPC URNs | 3 of 14 |
| events declared errors | 3 a wave, 0.7 %; 2 with a corrective event, 1 never happened |
| codes announced by others and never explained | 3 lots a wave, 1 % (magnets, chips) |
| items last seen in transit | the last cage of every 5th wave |
| cartons that a shop leaves closed; unsold bicycles | 1 of 10; 1 of 7 |
| drive units swapped after sale, repaired, used again | 6 %, at least 1 a wave |
| bicycles returned, refurbished, relabelled, sold again | 3 %, at least 1 a wave |
| bicycles scrapped, but for the drive unit | 2 %, at least 1 a wave |
| items judged by an instrument | every drive unit, motor and battery |
| calibrations | 6 a wave; in 1 wave of 9 they find 3 instruments out of tolerance |

`plan` says how much and when, `firms` who; `desk`, `acts`, `nesting` and `handing` write events;
`goods`, `materials`, `motors`, `parts`, `assembly`, `trips`, `aftersales` and `gauges` are what
happens; `life` is the stream of it, `filling` brings it into a ledger.

The generator keeps a `book` of its own: `life.World.known` tells what stands behind chosen codes.
"""
