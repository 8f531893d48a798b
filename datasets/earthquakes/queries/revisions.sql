-- The newest revision is the row, so revisions begin and end where the sample's do.
SELECT
  min(updated_at) AS first_revision,
  max(updated_at) AS last_revision,
  count_if(CAST(updated_at AS date) > event_date) AS revised_on_a_later_day
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
