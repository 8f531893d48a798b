-- Releases a year, by the partition.
SELECT
  year(published_on) AS year,
  count(*) AS releases
FROM terraform_releases
GROUP BY year(published_on)
ORDER BY 1
