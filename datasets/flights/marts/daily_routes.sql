-- What an airline flew on a route in a day, in the currency of airlines: seats times miles.
SELECT
  flight_date,
  carrier,
  airline,
  origin,
  destination,
  count(*) AS flights,
  count_if(cancelled) AS cancelled,
  count_if(NOT cancelled AND seats IS NULL) AS seats_not_known,
  coalesce(sum(IF(cancelled, 0, seats)), 0) AS seats_flown,
  coalesce(sum(IF(cancelled, 0, CAST(seats AS bigint) * distance_miles)), 0) AS seat_miles,
  coalesce(sum(greatest(arrival_delay_minutes, 0)), 0) AS delay_minutes,
  CAST(coalesce(sum(greatest(arrival_delay_minutes, 0)), 0) * DECIMAL '100.00' AS decimal(14, 2)) AS delay_cost_usd
FROM flights_enriched
WHERE flight_date = DATE '{slot.date}'
GROUP BY flight_date, carrier, airline, origin, destination
