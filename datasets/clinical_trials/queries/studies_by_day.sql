-- Studies a day: as many as the service declared, with booleans and numbers as they came.
SELECT
  last_update_posted_on AS day,
  count(*) AS studies,
  count_if(has_results) AS with_results,
  sum(enrollment) AS participants
FROM clinical_trials
WHERE last_update_posted_on BETWEEN DATE '2024-01-02' AND DATE '2024-01-04'
GROUP BY last_update_posted_on
ORDER BY 1
