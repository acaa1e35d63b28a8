"""Papers, a folder each: their claims written out, and the catalogue of all of them."""
