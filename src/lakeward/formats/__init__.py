"""From wire bytes to records. Ingest proves pages by it and the transform reads them by it, so both see the same.

encodings   wire bytes -> decoded bytes: gzip, deflate, zstd, whole or refused
opened      the same, and what a file is wrapped in: compression, a zip archive's member; caps on both
document    JSON: a whole value, and the value at a path
page        a page's records, counted and digested, in each format
separated   CSV and its kin, a record at a time
lines       pages whose records lie in no JSON value, as lines of JSON
"""
