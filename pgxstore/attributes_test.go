package pgxstore_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
)

// offered are JSON values that visitors may send. The functions of PostgreSQL cannot read
// all of them.
var offered = []string{
	`null`, `true`, `""`, `"text"`, `{}`, `[]`, `"\u0000"`, `"a\u0000"`, `"\\u0000"`, `"\\\u0000"`, `"\u0001"`,
	`"\uffff"`, `"\ud800"`, `"\udc00\ud800"`, `"\ud83d\ude00"`, `{"\u0000":1}`, `{"a":{"b":["\u0000"]}}`,
	`0`, `-0`, `1.50`, `1e308`, `1e309`, `1e400`, `-1e400`, `1e131071`, `1e131072`, `1e99999999999`,
	`5e-324`, `1e-324`, `1e-400`, `1e-16384`, `0e999`, `0e131073`, `0e99999999999`, `0e-99999`,
	`1e` + strings.Repeat("0", 3000) + `1`, `0.` + strings.Repeat("1", 3000), strings.Repeat("1", 3000),
	`1` + strings.Repeat("0", 3000) + `e-3000`, strings.Repeat("[", 30) + strings.Repeat("]", 30),
	strings.Repeat("[", 31) + strings.Repeat("]", 31), strings.Repeat("[", 3000) + strings.Repeat("]", 3000),
	`{"a":1,"a":2}`, "\"\xff\"", `"` + "\x01" + `"`, `01`, `NaN`, `Infinity`, `'a'`,
}

// Whatever visitors send, PostgreSQL reads the attributes of every account: one value that
// it cannot read would end each query of the whole table.
func TestAttributesCanBeQueried(t *testing.T) {
	t.Parallel()
	store, pool := newStore(t)
	none := deskauth.NoLimit
	auth, err := deskauth.New(store, deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "the secret of this test: 32 bytes or more")},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}, deskauth.Config{
		Limits: deskauth.Limits{GuestsPerClient: none, GuestsPerProject: none},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, value := range offered {
		_, err := auth.SigninAnonymously(t.Context(), deskauth.AnonymousInput{
			ProjectID: "demo", Attributes: json.RawMessage(`{"plan":` + value + `,"n":[` + value + `]}`),
		})
		if _, refused := errors.AsType[*deskauth.ValidationError](err); err != nil && !refused {
			t.Errorf("attributes with %.40s: got the error %v, want nil or a ValidationError", value, err)
		}
		if err == nil {
			taken++
		}
	}
	if taken < 15 || taken == len(offered) {
		t.Errorf("%d of %d attributes were taken: the test is about nothing", taken, len(offered))
	}
	for _, query := range []string{
		`SELECT count(attributes::jsonb::text) FROM deskauth_accounts`,
		`SELECT count(coalesce(attributes->>'plan', '')) FROM deskauth_accounts`,
		`SELECT count(DISTINCT id) FROM deskauth_accounts, json_each_text(attributes)`,
		`SELECT count(DISTINCT id) FROM deskauth_accounts, jsonb_path_query(attributes::jsonb, '$.**')`,
		`SELECT count(coalesce(CASE json_typeof(attributes->'plan') WHEN 'number'
			THEN num_nonnulls((attributes->>'plan')::float8, (attributes->>'plan')::numeric) END, 0))
			FROM deskauth_accounts`,
	} {
		var rows int
		if err := pool.QueryRow(t.Context(), query).Scan(&rows); err != nil || rows != taken {
			t.Errorf("%s: got %d and the error %v, want %d", query, rows, err, taken)
		}
	}
}
