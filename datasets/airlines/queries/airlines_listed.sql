-- Every airline once, however often the list was read.
SELECT
  carrier,
  name
FROM airlines
ORDER BY carrier
