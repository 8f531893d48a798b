-- Every page was read: as many releases as there are, the first and the last of each kind among them.
SELECT
  is_prerelease,
  count(*) AS releases,
  min_by(tag, published_at) AS first_tag,
  max_by(tag, published_at) AS last_tag
FROM terraform_releases
GROUP BY is_prerelease
ORDER BY is_prerelease
