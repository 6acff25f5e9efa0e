"""
Fills the list of encounters from the check-ins and dossiers that are there.

Once when the table is made, and once when the last server has gone that did not keep it: what is there is
left as it is, but where one of those accepted or withdrew a dossier meanwhile.  What is due of a check-in is
presumed as `model/encounter_deadlines.py` does, without the days that the Government makes holidays.
"""

from typing import Final

from sqlalchemy import Connection, text

# The id that `model.encounter_status.encounter_id` gives, and where that is listed of which nothing is due.
ID: Final = """
CAST(encode(substring(sha256(convert_to(facility || '/' || link_key, 'UTF8')) FROM 1 FOR 16), 'hex') AS uuid)
"""
NOTHING_DUE: Final = """
TIMESTAMPTZ '9000-01-01 00:00:00+00' - ({time} - TIMESTAMPTZ '1970-01-01 00:00:00+00')
"""

# Whether a row is older than what {sent} says: only such are touched, for to touch is to lock, and what
# happens meanwhile is newer.  A withdrawal has the time of its dossier.
LAGS: Final = f"""
{{row}}.state = 'checked_in'
OR {{row}}.state = 'refused' AND {{sent}}.sort_time < {NOTHING_DUE.format(time="{row}.refuse_time")}
OR {{row}}.state IN ('accepted', 'corrected', 'withdrawn') AND (
    {{sent}}.sort_time < {{row}}.sort_time OR {{sent}}.sort_time = {{row}}.sort_time
    AND {{sent}}.state = 'withdrawn' AND {{row}}.state <> 'withdrawn')
"""

FACILITIES: Final = "SELECT facility FROM dossiers UNION SELECT facility FROM check_ins"

DOSSIERS: Final = f"""
INSERT INTO encounter_states (id, facility, link_key, state, sort_time)
SELECT sent.* FROM (
    SELECT DISTINCT ON (link_key) {ID} AS id, facility, link_key,
           CASE WHEN state = 'withdrawn' THEN 'withdrawn'
                WHEN version > 1 THEN 'corrected' ELSE 'accepted' END AS state,
           {NOTHING_DUE.format(time="receive_time")} AS sort_time
    FROM dossiers WHERE facility = :facility ORDER BY link_key, version DESC
) AS sent LEFT JOIN encounter_states AS known ON known.id = sent.id
WHERE known.id IS NULL OR {LAGS.format(row="known", sent="sent")}
ON CONFLICT (id) DO UPDATE
SET state = CASE WHEN EXCLUDED.state = 'accepted' AND encounter_states.refuse_time IS NOT NULL
                 THEN 'corrected' ELSE EXCLUDED.state END,
    sort_time = EXCLUDED.sort_time, duty = NULL, due_time = NULL
WHERE {LAGS.format(row="encounter_states", sent="EXCLUDED")}
"""

# The last day on which a dossier is waited for, then a weekend later.
CHECK_INS: Final = f"""
INSERT INTO encounter_states (id, facility, link_key, state, sort_time, duty, due_time)
SELECT {ID}, facility, link_key, 'checked_in', due_time, 1, due_time
FROM (
    SELECT facility, link_key,
           CAST(last_day + CASE EXTRACT(isodow FROM last_day) WHEN 6 THEN 3 WHEN 7 THEN 2 ELSE 1 END
                AS timestamp) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS due_time
    FROM (
        SELECT DISTINCT ON (facility, link_key) facility, link_key,
               CAST(arrival_time AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)
                   + CASE WHEN form_of_care IN ('02', '03', '04', '05', '06', '08', '12') THEN 35 ELSE 3 END
                   AS last_day
        FROM check_ins WHERE facility = :facility ORDER BY facility, link_key, arrival_time DESC
    ) AS arrivals
) AS waiting
ON CONFLICT (id) DO NOTHING
"""

FILL: Final = (DOSSIERS, CHECK_INS)


def fill(connection: Connection) -> None:
    """Fill the list, a facility a statement: none may take longer than a minute."""
    for facility in connection.scalars(text(FACILITIES)).all():
        for statement in FILL:
            connection.execute(text(statement), {"facility": facility})
