"""The second wall: which rows a service sees follows from whose request it carries out."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The settings are of the transaction, so that no pooler hands them on. They hold numbers that none
# guesses (members see each other's sessions in a vault's log); what they open is looked up here.
ASKING = r"""
CREATE FUNCTION asking_person() RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN (SELECT user_id
              FROM sessions
             WHERE session_id = nullif(current_setting('keyarc.session', true), '')::uuid
               AND expires_at > now()
               AND (ended_at IS NULL OR ended_at > now() - interval '1 minute'));
END $$;
COMMENT ON FUNCTION asking_person IS
    'whose session `standing` found; null: nobody''s. What began before its end goes on';

CREATE FUNCTION asking_people() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    person CONSTANT uuid := asking_person();
BEGIN
    RETURN ARRAY(SELECT machine_id FROM machine_tokens WHERE owner_id = person) || person;
END $$;
COMMENT ON FUNCTION asking_people IS 'the asking person, and their machines';

CREATE FUNCTION asking_vaults() RETURNS uuid[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    person CONSTANT uuid := asking_person();
    vault  CONSTANT uuid := nullif(current_setting('keyarc.vault', true), '');
    invite CONSTANT uuid := nullif(current_setting('keyarc.invitation', true), '');
BEGIN
    IF person IS NULL THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(SELECT vault_id
                   FROM seats
                  WHERE user_id = person
                  UNION ALL
                 SELECT vault_id
                   FROM vault_members AS own
                  WHERE user_id = person
                    AND vault_id = vault
                    AND NOT EXISTS (SELECT
                                      FROM commits
                                     WHERE commits.vault_id = vault
                                       AND seq = own.removed_seq
                                       AND at < now() - interval '1 minute')
                  UNION ALL
                 SELECT vault_id
                   FROM vault_invites AS open
                  WHERE invite_id = invite
                    AND expires_ms >= extract(epoch FROM now()) * 1000
                    AND NOT EXISTS (SELECT
                                      FROM vault_members AS own
                                     WHERE own.vault_id = open.vault_id
                                       AND own.user_id = person
                                       AND own.removed_seq >= open.seq));
END $$;
COMMENT ON FUNCTION asking_vaults IS
    'of whom the asking person is, or was when the request began, or by whose invitation they ask';

CREATE FUNCTION has_members(vault uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    RETURN EXISTS (SELECT FROM vault_members WHERE vault_id = vault);
"""

# The question that says who asks.
STANDING = r"""
CREATE FUNCTION standing(session uuid, person uuid, vault uuid, invite uuid,
                         OUT machine boolean, OUT role smallint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    SELECT live.machine INTO machine
      FROM live_sessions AS live WHERE session_id = session AND user_id = person;
    IF NOT FOUND THEN
        session := NULL;
        person := NULL;
    END IF;
    SELECT member.role INTO role
      FROM seats AS member WHERE vault_id = vault AND user_id = person;
    IF role IS NULL THEN
        vault := NULL;
    END IF;
    PERFORM set_config('keyarc.session', coalesce(session::text, ''), true),
            set_config('keyarc.vault', coalesce(vault::text, ''), true),
            set_config('keyarc.invitation', coalesce(invite::text, ''), true);
END $$;
COMMENT ON FUNCTION standing IS
    'is the session alive (machine is null if not), and which role has its person in the vault';

REVOKE EXECUTE ON FUNCTION asking_person, asking_people, asking_vaults, has_members, standing
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION asking_person, asking_vaults, standing TO keyarc_account, keyarc_keys;
GRANT EXECUTE ON FUNCTION asking_people, has_members TO keyarc_account;
REVOKE SELECT ON live_sessions FROM keyarc_account, keyarc_keys;
"""

OF_VAULT = (
    *("audit_heads", "commits", "reminders", "secret_uses", "secret_versions", "secrets", "shares"),
    *("superseded_idcerts", "vault_epochs", "vault_invites", "vault_members", "vaults"),
)
OF_PERSON = (
    *("backup_codes", "challenges", "credentials", "device_requests", "email_verifications"),
    *("identities", "keyrings", "links", "passkeys", "recoveries", "totp", "users"),
)
OTHERS = ("audit_log", "machine_tokens", "refresh_tokens", "reminders_told", "sessions")

# A subquery without anything of the row is answered once for a statement, not once for each row.
# As IN it is compared with the rows that the statement's own conditions find; as = ANY it is a
# condition for indexes too, and the planner may prefer one that finds a whole vault.
PERSON = "(SELECT asking_person())"
IN_PEOPLE = "user_id IN (SELECT unnest(asking_people()))"
IN_VAULTS = "vault_id IN (SELECT unnest(asking_vaults()))"

SERVE_NOBODY = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_role ON {table} TO keyarc_auth, keyarc_jobs USING (true);
"""
POLICY_OF_VAULT = f"""
CREATE POLICY of_vault ON {{table}} TO keyarc_account, keyarc_keys USING ({IN_VAULTS});
"""
POLICY_OF_PERSON = f"""
CREATE POLICY of_person ON {{table}} TO keyarc_account, keyarc_keys USING (user_id = {PERSON});
"""

# What begins: a vault without members, whose first is who asks; and a machine, by its owner.
POLICIES = f"""
CREATE POLICY beginning ON vaults FOR INSERT TO keyarc_account
  WITH CHECK ({PERSON} IS NOT NULL);
CREATE POLICY beginning ON vault_members FOR INSERT TO keyarc_account
  WITH CHECK (user_id = {PERSON} AND NOT has_members(vault_id));
CREATE POLICY of_people ON vault_members FOR SELECT TO keyarc_account USING ({IN_PEOPLE});

CREATE POLICY machines ON users FOR INSERT TO keyarc_account
  WITH CHECK (email IS NULL AND {PERSON} IS NOT NULL);
CREATE POLICY machines ON identities FOR INSERT TO keyarc_account WITH CHECK ({IN_PEOPLE});
CREATE POLICY machines ON keyrings FOR INSERT TO keyarc_account WITH CHECK ({IN_PEOPLE});
CREATE POLICY of_owner ON machine_tokens TO keyarc_account USING (owner_id = {PERSON});
CREATE POLICY of_people ON sessions TO keyarc_account USING ({IN_PEOPLE});

CREATE POLICY saying ON audit_log FOR INSERT TO keyarc_account, keyarc_keys
  WITH CHECK (user_id = {PERSON} AND (vault_id IS NULL OR {IN_VAULTS}));
CREATE POLICY of_person ON audit_log FOR SELECT TO keyarc_account USING (user_id = {PERSON});
CREATE POLICY of_vault ON audit_log FOR SELECT TO keyarc_keys USING ({IN_VAULTS});
"""

# Whoever was removed reads up to the commit that says so. A version may be emptied, not replaced.
# Nobody takes a vault in for somebody else.
EXCEPTIONS = """
CREATE POLICY of_removed ON commits FOR SELECT TO keyarc_account
 USING (EXISTS (SELECT
                  FROM vault_members AS own
                 WHERE own.vault_id = commits.vault_id
                   AND own.user_id = (SELECT asking_person())
                   AND own.removed_seq >= commits.seq));
CREATE POLICY purging ON secret_versions AS RESTRICTIVE FOR UPDATE TO keyarc_keys
 USING (true)
  WITH CHECK (num_nulls(overview, details) = 2);
CREATE POLICY accepting ON vault_members AS RESTRICTIVE FOR UPDATE TO keyarc_keys
 USING (user_id = (SELECT asking_person()));
"""

DOWN = """
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP POLICY %I ON %I', each.policyname, each.tablename);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', each.tablename);
    END LOOP;
END $$;
DROP FUNCTION standing, has_members, asking_vaults, asking_people, asking_person;
GRANT SELECT ON live_sessions TO keyarc_account, keyarc_keys;
"""


def upgrade() -> None:
    op.execute(ASKING)
    op.execute(STANDING)
    for tables, text in (
        ((*OF_VAULT, *OF_PERSON, *OTHERS), SERVE_NOBODY),
        (OF_VAULT, POLICY_OF_VAULT),
        (OF_PERSON, POLICY_OF_PERSON),
    ):
        for table in tables:
            op.execute(text.format(table=table))
    op.execute(POLICIES + EXCEPTIONS)


def downgrade() -> None:
    op.execute(DOWN)
