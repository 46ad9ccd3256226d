package deskauth

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// JWKS returns the public session keys in force as a JSON Web Key Set (RFC 7517 §5), for
// services that check session tokens themselves. Each key is in it until its NotAfter: the
// one that signs, older ones that still verify, and new ones whose NotBefore has not come
// yet. Each has the kid of the tokens that it signs. A set never has a secret or a private
// key, so with secrets alone it is empty: {"keys":[]}.
//
// A token that such a key verifies may be of a session that was ended, or of an account
// that was disabled: only [Auth.Verify] asks the store. An error is a failure of the
// SecretProvider.
func (a *Auth) JWKS(ctx context.Context) (set []byte, err error) {
	ctx, op := a.begin(ctx, OperationJWKS)
	defer op.end(ctx, &err)
	keys, err := a.sessionKeys(ctx)
	if err != nil {
		return nil, err
	}
	now := a.cfg.Now()
	var public [][]byte
	for _, k := range keys {
		if !k.usable(now) {
			continue
		}
		text, ok, err := k.key.PublicJWK()
		if err != nil {
			return nil, fmt.Errorf("deskauth: session key %q as a JWK: %w", k.ID(), err)
		}
		seen := slices.ContainsFunc(public, func(other []byte) bool { return bytes.Equal(text, other) })
		if ok && !seen { // two of one kid, and a reader would not know which to take
			public = append(public, text)
		}
	}
	return slices.Concat([]byte(`{"keys":[`), bytes.Join(public, []byte(",")), []byte("]}")), nil
}
