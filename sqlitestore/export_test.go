package sqlitestore

import (
	"database/sql"
	"reflect"
	"time"
)

// What only the tests of this package use.

var (
	ScanAccount  = scan
	Steps        = steps
	MigrateSteps = migrate
)

// SetPatience sets how long a call waits for its turn and the lock together.
func (s *Store) SetPatience(d time.Duration) { s.patience = d }

// Occupy takes a turn to write until release is called.
func (s *Store) Occupy() (release func()) {
	s.writing <- struct{}{}
	return func() { <-s.writing }
}

func (s *Store) Readers() *sql.DB { return s.readers }
func (s *Store) Writer() *sql.DB  { return s.writer }

// Statements returns the SQL of every statement, under the name of its field.
func (s *Store) Statements() map[string]string {
	texts := make(map[string]string)
	all := reflect.ValueOf(s.sql)
	for i := range all.NumField() {
		texts[all.Type().Field(i).Name] = all.Field(i).Elem().FieldByName("text").String()
	}
	return texts
}
