-- Kinds of studies, and those whose record has no enrollment at all.
SELECT
  study_type,
  count(*) AS studies,
  count_if(enrollment IS NULL) AS without_enrollment
FROM clinical_trials
WHERE last_update_posted_on BETWEEN DATE '2024-01-02' AND DATE '2024-01-04'
GROUP BY study_type
ORDER BY study_type
