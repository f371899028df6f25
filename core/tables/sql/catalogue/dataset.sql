SELECT name, format, version, fingerprint, created, split, sources, options, counts FROM dataset
