-- The flights of one day with everything that they refer to. Clocks become instants: the scheduled arrival is told on
-- the clock at the destination, so it is the first time after departure at which that clock shows it. A zone must be a
-- constant where SQL is to run everywhere, hence the lists of the zones that are flown to.
WITH departing AS (
  SELECT
    f.*,
    date_add('minute', f.scheduled_departure_hhmm % 100, f.scheduled_hour_at) AS scheduled_departure_at
  FROM flights f
  WHERE f.flight_date = DATE '{slot.date}'
),
located AS (
  SELECT
    d.*,
    o.name AS origin_name,
    a.name AS destination_name,
    a.time_zone
  FROM departing d
  LEFT JOIN airports o ON o.faa = d.origin
  LEFT JOIN airports a ON a.faa = d.destination
),
clocked AS (
  SELECT
    *,
    CASE time_zone
      WHEN 'America/New_York' THEN CAST(at_timezone(with_timezone(scheduled_departure_at, 'UTC'), 'America/New_York') AS timestamp(3))
      WHEN 'America/Chicago' THEN CAST(at_timezone(with_timezone(scheduled_departure_at, 'UTC'), 'America/Chicago') AS timestamp(3))
      WHEN 'America/Denver' THEN CAST(at_timezone(with_timezone(scheduled_departure_at, 'UTC'), 'America/Denver') AS timestamp(3))
      WHEN 'America/Phoenix' THEN CAST(at_timezone(with_timezone(scheduled_departure_at, 'UTC'), 'America/Phoenix') AS timestamp(3))
      WHEN 'America/Los_Angeles' THEN CAST(at_timezone(with_timezone(scheduled_departure_at, 'UTC'), 'America/Los_Angeles') AS timestamp(3))
      WHEN 'America/Anchorage' THEN CAST(at_timezone(with_timezone(scheduled_departure_at, 'UTC'), 'America/Anchorage') AS timestamp(3))
      WHEN 'Pacific/Honolulu' THEN CAST(at_timezone(with_timezone(scheduled_departure_at, 'UTC'), 'Pacific/Honolulu') AS timestamp(3))
    END AS clock_at_departure
  FROM located
),
shown AS (
  SELECT
    *,
    date_add(
      'minute',
      60 * (scheduled_arrival_hhmm / 100) + scheduled_arrival_hhmm % 100,
      date_trunc('day', clock_at_departure)
    ) AS shown_that_day
  FROM clocked
),
arriving AS (
  SELECT
    *,
    IF(shown_that_day > clock_at_departure, shown_that_day, date_add('day', 1, shown_that_day)) AS clock_at_arrival
  FROM shown
),
guessed AS (
  SELECT
    *,
    -- As if no clock were put forward or back on the way; the next step mends it where one is.
    date_add('minute', date_diff('minute', clock_at_departure, clock_at_arrival), scheduled_departure_at) AS guess
  FROM arriving
),
checked AS (
  SELECT
    *,
    CASE time_zone
      WHEN 'America/New_York' THEN CAST(at_timezone(with_timezone(guess, 'UTC'), 'America/New_York') AS timestamp(3))
      WHEN 'America/Chicago' THEN CAST(at_timezone(with_timezone(guess, 'UTC'), 'America/Chicago') AS timestamp(3))
      WHEN 'America/Denver' THEN CAST(at_timezone(with_timezone(guess, 'UTC'), 'America/Denver') AS timestamp(3))
      WHEN 'America/Phoenix' THEN CAST(at_timezone(with_timezone(guess, 'UTC'), 'America/Phoenix') AS timestamp(3))
      WHEN 'America/Los_Angeles' THEN CAST(at_timezone(with_timezone(guess, 'UTC'), 'America/Los_Angeles') AS timestamp(3))
      WHEN 'America/Anchorage' THEN CAST(at_timezone(with_timezone(guess, 'UTC'), 'America/Anchorage') AS timestamp(3))
      WHEN 'Pacific/Honolulu' THEN CAST(at_timezone(with_timezone(guess, 'UTC'), 'Pacific/Honolulu') AS timestamp(3))
    END AS clock_at_guess
  FROM guessed
),
timed AS (
  SELECT
    *,
    date_add('minute', date_diff('minute', clock_at_guess, clock_at_arrival), guess) AS scheduled_arrival_at
  FROM checked
)
SELECT
  t.flight_date,
  t.carrier,
  c.name AS airline,
  t.flight,
  t.origin,
  t.origin_name,
  t.destination,
  t.destination_name,
  t.tail_number,
  p.manufacturer,
  p.model,
  p.seats,
  t.distance_miles,
  t.departure_hhmm IS NULL AS cancelled,
  t.scheduled_departure_at,
  date_add('minute', t.departure_delay_minutes, t.scheduled_departure_at) AS departed_at,
  t.scheduled_arrival_at,
  date_add('minute', t.arrival_delay_minutes, t.scheduled_arrival_at) AS arrived_at,
  t.departure_delay_minutes,
  t.arrival_delay_minutes,
  w.temperature_f,
  w.wind_speed_mph,
  w.precipitation_inches,
  w.visibility_miles
FROM timed t
LEFT JOIN airlines c ON c.carrier = t.carrier
LEFT JOIN planes p ON p.tail_number = t.tail_number
LEFT JOIN weather w ON w.origin = t.origin AND w.observed_at = t.scheduled_hour_at
