-- A mart over a mart: every month adds up from its days, and none is missing.
SELECT
  count(*) AS months_that_differ
FROM (
  SELECT CAST(date_trunc('month', flight_date) AS date) AS month, carrier, sum(flights) AS flights, sum(seat_miles) AS seat_miles
  FROM daily_routes
  GROUP BY 1, 2
) d
FULL JOIN carrier_months m ON m.month = d.month AND m.carrier = d.carrier
WHERE m.flights IS DISTINCT FROM d.flights OR m.seat_miles IS DISTINCT FROM d.seat_miles
