-- What a role needs to run the program as it, and no more: of the ledger's events it may only read,
-- and append through the function. Granted by admsync migrate --grant ROLE, which the owner runs; by
-- hand: psql -v role=ROLE -f privileges.sql. The doctor asks for the same.

GRANT USAGE ON SCHEMA ledger, adm, acted TO :"role";
GRANT SELECT ON ALL TABLES IN SCHEMA ledger, adm, acted TO :"role";
-- Of the web application's users only what names an instructor, no address and no password.
GRANT SELECT (id, first_name, last_name) ON TABLE public.auth_user TO :"role";

-- Appending, with what events refer to.
GRANT EXECUTE ON FUNCTION ledger.append TO :"role";
GRANT INSERT ON TABLE ledger.blobs, ledger.personal TO :"role";

-- What follows from the events, and the calls that processes reserve.
GRANT INSERT, UPDATE, DELETE ON TABLE
    ledger.runs, ledger.discrepancies, ledger.field_bases, ledger.open_writes,
    ledger.call_reservations, ledger.known_tables, ledger.known_rows TO :"role";
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA adm TO :"role";

-- The web application's tables that imports make rows in.
GRANT INSERT, UPDATE, DELETE ON TABLE
    acted.tutorial_events, acted.tutorial_sessions, acted.tutorial_session_instructors TO :"role";
GRANT USAGE ON ALL SEQUENCES IN SCHEMA adm, acted TO :"role";
