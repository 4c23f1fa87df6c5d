"""Beyond the second wall: questions about others, and deeds that are one's own, by functions."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Each person must be named, and whoever asks must be known.
OTHERS = r"""
CREATE FUNCTION hold_person(person uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM FROM users WHERE user_id = person FOR NO KEY UPDATE;
END $$;
COMMENT ON FUNCTION hold_person IS 'waits for the row, before anybody is believed';

CREATE FUNCTION hold_people(people uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM FROM users
      WHERE user_id = ANY (people) AND email IS NOT NULL ORDER BY user_id FOR SHARE;
END $$;

CREATE FUNCTION person_by_email(address text) RETURNS TABLE (user_id uuid, idcert bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT users.user_id, identities.idcert
      FROM users
      JOIN identities USING (user_id)
     WHERE email = address
       AND asking_person() IS NOT NULL;
END;

CREATE FUNCTION people_by_id(people uuid[])
    RETURNS TABLE (user_id uuid, idcert bytea, vaults bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT users.user_id, identities.idcert,
           (SELECT count(*) FROM seats WHERE seats.user_id = users.user_id)
      FROM users
      JOIN identities USING (user_id)
     WHERE users.user_id = ANY (people)
       AND email IS NOT NULL
       AND asking_person() IS NOT NULL;
END;

CREATE VIEW fellows WITH (security_barrier) AS
    SELECT vault_id, user_id, email
      FROM vault_members
      JOIN users USING (user_id)
     WHERE vault_id IN (SELECT unnest(asking_vaults()))
       AND (role IS NOT NULL OR NOT EXISTS (SELECT FROM audit_log AS said
             WHERE said.user_id = users.user_id AND action = 'email.changed' AND at > joined_at));
COMMENT ON VIEW fellows IS
    'the addresses of whoever shares a vault with the asking person, or did, by the one of then';
"""

# No service says whose account ends, or whose vault. A machine of one's own is no person: their
# sessions would be one's own, too.
OWN = """
CREATE FUNCTION delete_own_account(request uuid) RETURNS uuid[]
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN delete_account(asking_person(), request);

CREATE FUNCTION delete_own_vault(vault uuid) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN delete_vault(vault, asking_person());

CREATE FUNCTION is_machine(id uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN EXISTS (SELECT FROM users WHERE user_id = id AND email IS NULL);

ALTER POLICY of_owner ON machine_tokens
    WITH CHECK (owner_id = (SELECT asking_person()) AND is_machine(machine_id));
"""

RIGHTS = """
REVOKE EXECUTE ON FUNCTION hold_person, hold_people, person_by_email, people_by_id,
                           delete_own_account, delete_own_vault, is_machine
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_person, hold_people, person_by_email, people_by_id,
                          delete_own_account, delete_own_vault, is_machine
   TO keyarc_account;
GRANT SELECT ON fellows TO keyarc_account;
REVOKE EXECUTE ON FUNCTION delete_account, delete_vault FROM keyarc_account;
"""

# A temporary table hides the one of its name, for as long as a pooler keeps the connection.
TEMPORARY = """
DO $$
BEGIN
    EXECUTE format('{} TEMPORARY ON DATABASE %I {} PUBLIC', current_database());
END $$
"""

DOWN = """
ALTER POLICY of_owner ON machine_tokens WITH CHECK (owner_id = (SELECT asking_person()));
DROP VIEW fellows;
DROP FUNCTION hold_person, hold_people, person_by_email, people_by_id,
              delete_own_account, delete_own_vault, is_machine;
GRANT EXECUTE ON FUNCTION delete_account, delete_vault TO keyarc_account;
"""


def upgrade() -> None:
    op.execute(OTHERS)
    op.execute(OWN)
    op.execute(RIGHTS)
    op.execute(TEMPORARY.format("REVOKE", "FROM"))


def downgrade() -> None:
    op.execute(TEMPORARY.format("GRANT", "TO"))
    op.execute(DOWN)
