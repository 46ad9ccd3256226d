// Package databasekeys has the keys of projects in a database. docs/keys.md quotes it.
package databasekeys

import (
	"context"
	"database/sql"
	"errors"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/secrets"
)

// inDatabase has the projects' keys in a table, and the session keys of another provider.
type inDatabase struct {
	deskauth.SecretProvider
	db *sql.DB
}

func (p inDatabase) ProjectKeys(ctx context.Context, projectID string) ([]deskauth.Key, error) {
	var secret string
	err := p.db.QueryRowContext(ctx, "SELECT secret FROM projects WHERE id = $1", projectID).Scan(&secret)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, deskauth.ErrProjectNotFound
	}
	return []deskauth.Key{deskauth.NewKey("", "HS256", secret)}, err
}

func newKeys(db *sql.DB) (deskauth.SecretProvider, error) {
	session, err := secrets.Env(secrets.EnvConfig{})
	if err != nil {
		return nil, err
	}
	return secrets.Cached(inDatabase{session, db}, secrets.CachedConfig{}), nil
}
