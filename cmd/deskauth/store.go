package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/spf13/cobra"
)

// storeVariable names a store, so that the password of a URL is no argument.
const storeVariable = "DESKAUTH_STORE"

// callTimeout is how long one call of a store may take. A purge and a copy make many.
const callTimeout = time.Minute

// Users are accounts with all the optional abilities of a store.
type users interface {
	deskauth.UserStore
	deskauth.UserLister
	deskauth.UserDeleter
	deskauth.UserImporter
	deskauth.IdlePurger
	deskauth.ActivityReporter
}

// A store is an open store.
type store struct {
	users
	count func(context.Context) (int, error)
	close func()
}

// A storeFlag says which store a command works on.
type storeFlag struct {
	name     string // of the flag: "store", or "to" of a copy
	variable string
	value    string
	changes  bool // the command writes
	migrate  bool // the tables may be made or brought up to date

	// askFlag is the name of the flag without which the variable does nothing. It is for a
	// command that does not need a store: the variable may be there for others.
	askFlag string
	ask     bool
}

func (f *storeFlag) add(c *cobra.Command, what string) {
	form := ": sqlite:PATH or postgres://USER@HOST/DATABASE"
	if f.askFlag == "" {
		form += " (default $" + f.variable + ")"
	} else {
		c.Flags().BoolVar(&f.ask, f.askFlag, false, what+" in $"+f.variable)
	}
	c.Flags().StringVar(&f.value, f.name, "", what+form)
}

// wanted reports whether the command has to open the store.
func (f storeFlag) wanted() bool { return f.askFlag == "" || f.ask || f.value != "" }

// byVariable says how the variable is used.
func (f storeFlag) byVariable() string {
	if f.askFlag == "" {
		return f.variable
	}
	return f.variable + ", and give --" + f.askFlag
}

// addMigrate is for commands that write. A look never changes a schema.
func (f *storeFlag) addMigrate(c *cobra.Command) {
	f.changes = true
	c.Flags().BoolVar(&f.migrate, "migrate", false,
		"make the tables of --"+f.name+", or bring them up to date, as the service does at its start")
}

// storeName returns the name that the flag or its variable has. A flag goes first.
func (a *app) storeName(f storeFlag) (name string, err error) {
	name = cmp.Or(f.value, a.env(f.variable))
	isPostgres := strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
	switch {
	case name == "" && f.ask:
		return "", fmt.Errorf("--%s needs the store in %s, which is not set: sqlite:PATH or postgres://USER@HOST/DATABASE",
			f.askFlag, f.variable)
	case name == "":
		return "", fmt.Errorf("name the store with --%s or in %s: sqlite:PATH or postgres://USER@HOST/DATABASE",
			f.name, f.variable)
	case isPostgres && f.value != "" && hasPassword(name):
		return "", fmt.Errorf("a password in --%s shows in ps and in the shell's history: put the password into "+
			"PGPASSWORD or ~/.pgpass, or the URL into %s", f.name, f.byVariable())
	case !isPostgres && !strings.HasPrefix(name, "sqlite:"): // which may have a password in it
		return "", fmt.Errorf("the store is neither sqlite:PATH nor postgres://USER@HOST/DATABASE; see --%s and %s",
			f.name, f.variable)
	}
	return name, nil
}

// openStore opens the store that the flag or its variable names. It makes no file and
// changes no schema, unless the flag --migrate says so.
func (a *app) openStore(ctx context.Context, f storeFlag) (*store, error) {
	name, err := a.storeName(f)
	if err != nil {
		return nil, err
	}
	var opened *store
	if path, isSQLite := strings.CutPrefix(name, "sqlite:"); isSQLite {
		opened, err = openSQLite(ctx, path, f)
	} else {
		opened, err = openPostgres(ctx, name, f)
	}
	if err != nil {
		from := "--" + f.name
		if f.value == "" {
			from = f.variable
		}
		return nil, fmt.Errorf("open the store (%s): %w", from, err)
	}
	return opened, nil
}

// hasPassword reports whether a URL may have a password in it. One that cannot be read may.
func hasPassword(name string) bool {
	u, err := url.Parse(name)
	if err != nil {
		return true
	}
	_, has := u.User.Password()
	return has || strings.Contains(name, "password=") || strings.Contains(u.User.Username(), ":")
}

// A database answers questions about itself by one number.
type database struct {
	ask      func(ctx context.Context, sql string) (int, error)
	hasTable string // the question whether a table is there, with %s for its name
	steps    fs.ReadDirFS
}

// checkSchema refuses a store whose table is missing or older than this program. To change
// that is for whoever runs the service: the older programs on it have to be able to go on.
func (d database) checkSchema(ctx context.Context, f storeFlag) error {
	mend := "start the service with this version first"
	if f.changes {
		mend += ", or add --migrate"
	}
	found, err := d.ask(ctx, fmt.Sprintf(d.hasTable, "deskauth_accounts"))
	switch {
	case err != nil:
		return err
	case found == 0:
		return errors.New("it has no table of accounts: look whether it is the right one, or " + mend)
	}
	recorded, err := d.ask(ctx, fmt.Sprintf(d.hasTable, "deskauth_accounts_migrations"))
	if err != nil || recorded == 0 { // another tool has made the table
		return err
	}
	version, err := d.ask(ctx, "SELECT coalesce(max(version), 0) FROM deskauth_accounts_migrations")
	if err != nil {
		return err
	}
	steps, err := d.steps.ReadDir("migrations")
	if err == nil && version < len(steps) {
		err = fmt.Errorf("its tables are of version %d and this program needs %d: %s", version, len(steps), mend)
	}
	return err
}

func (d database) count(ctx context.Context) (int, error) {
	return d.ask(ctx, "SELECT count(*) FROM deskauth_accounts")
}
