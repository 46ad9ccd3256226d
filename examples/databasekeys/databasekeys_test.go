package databasekeys

import (
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	_ "github.com/ncruces/go-sqlite3/driver"
)

func TestKeysInADatabase(t *testing.T) {
	t.Setenv("DESKAUTH_SESSION_SECRET", "a secret of this test alone: 32 bytes or more")
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(t.TempDir(), "projects.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE projects (id TEXT PRIMARY KEY, secret TEXT NOT NULL);
		INSERT INTO projects VALUES ('shop', 'the secret that the system of the shop has')`); err != nil {
		t.Fatal(err)
	}
	keys, err := newKeys(db)
	if err != nil {
		t.Fatal(err)
	}
	auth, err := deskauth.New(memstore.New(), keys, deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	guest := func(project string) error {
		_, err := auth.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: project})
		return err
	}
	if err := guest("shop"); err != nil {
		t.Errorf("a guest of the shop: %v", err)
	}
	if err := guest("bakery"); !errors.Is(err, deskauth.ErrProjectNotFound) {
		t.Errorf("a guest of a project that is not there: %v, want ErrProjectNotFound", err)
	}
	db.Close()
	if err := guest("shop"); err != nil {
		t.Errorf("a guest of the shop while the database is away: %v", err)
	}
	if err := guest("other"); err == nil || errors.Is(err, deskauth.ErrProjectNotFound) {
		t.Errorf("a guest of another project while the database is away: %v, want a failure", err)
	}
}
