-- When the person of a session last proved who they are: by signing in, or by typing the password again.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;

-- An authenticator app; the secret is sealed. A step of time whose code was taken is never taken again.
CREATE TABLE second_factors (
    user_id BIGINT NOT NULL,
    secret TEXT NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT second_factors_pk PRIMARY KEY (user_id),
    CONSTRAINT second_factors_user_fk FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Codes that stand in for the app, once each; only their hashes.
CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL,
    hash TEXT NOT NULL,
    used_at BIGINT,
    CONSTRAINT recovery_codes_pk PRIMARY KEY (user_id, hash),
    CONSTRAINT recovery_codes_user_fk FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Roles whose people need a second factor.
CREATE TABLE factor_roles (
    role_id BIGINT NOT NULL,
    CONSTRAINT factor_roles_pk PRIMARY KEY (role_id),
    CONSTRAINT factor_roles_role_fk FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE CASCADE
);

-- Letters that wait for the mail server; sealed, since they carry one-time links.
CREATE TABLE mail_queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    letter TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    next_try_at BIGINT NOT NULL,
    CONSTRAINT mail_queue_user_fk FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX mail_queue_next_try_idx ON mail_queue (next_try_at);
