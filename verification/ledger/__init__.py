"""The ledger: evidence for every claim, the judge, certificates, and what is kept between runs."""
