//lint:file-ignore SA1019 the tests make keys of raw numbers, broken ones too

package jose_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

func unb64(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatalf("base64url %.40q: %v", s, err)
	}
	return b
}

func number(t *testing.T, s string) *big.Int {
	t.Helper()
	return new(big.Int).SetBytes(unb64(t, s))
}

// The examples of the standards, which the package has in common with every other
// implementation: the JWS of RFC 7515 Appendix A and of RFC 8037 Appendix A.4.
const (
	rfc7515Payload = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"
	rfc8037Payload = "Example of Ed25519 signing"
)

func TestRFCVectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		name, alg, payload string
		material           any
		header, signature  string
	}{
		{
			"RFC 7515 A.1", jose.HS256, rfc7515Payload,
			unb64(t, "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"),
			"{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}",
			"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
		},
		{
			"RFC 7515 A.2", jose.RS256, rfc7515Payload,
			&rsa.PublicKey{E: 65537, N: number(t, ""+
				"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Ql"+
				"L-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs"+
				"LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud"+
				"F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ")},
			`{"alg":"RS256"}`,
			"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujG" +
				"bds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K" +
				"0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6" +
				"LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
		},
		{
			"RFC 7515 A.3", jose.ES256, rfc7515Payload,
			&ecdsa.PublicKey{
				Curve: elliptic.P256(),
				X:     number(t, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
				Y:     number(t, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
			},
			`{"alg":"ES256"}`,
			"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
		},
		{
			"RFC 8037 A.4", jose.EdDSA, rfc8037Payload,
			ed25519.PublicKey(unb64(t, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
			`{"alg":"EdDSA"}`,
			"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			k := newKey(t, v.alg, "", v.material)
			parts := []string{v.header, v.payload, string(unb64(t, v.signature))}
			join := func() string { return b64(parts[0]) + "." + b64(parts[1]) + "." + b64(parts[2]) }
			if whole := rfcTokens[v.name]; join() != whole {
				t.Fatalf("token\n got %s\nwant %s", join(), whole)
			}
			mustOpen(t, join(), k, v.payload)

			for i := range parts {
				good := parts[i]
				for bit := range 8 * len(good) {
					b := []byte(good)
					b[bit/8] ^= 1 << (bit % 8)
					parts[i] = string(b)
					mustRefuse(t, join(), k)
				}
				parts[i] = good
			}
		})
	}
}

// rfcTokens are the whole tokens as the RFCs print them, without their line breaks.
var rfcTokens = map[string]string{
	"RFC 7515 A.1": "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA" +
		"6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
	"RFC 7515 A.2": "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9" +
		"pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Q" +
		"c_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARN" +
		"PvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6I" +
		"eYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
	"RFC 7515 A.3": "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9" +
		"pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqP" +
		"P3-Kg6NU1Q",
	"RFC 8037 A.4": "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AI" +
		"bQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
}

// A signature of one example belongs to no other.
func TestRFCVectorsMixed(t *testing.T) {
	t.Parallel()
	k := newKey(t, jose.ES256, "", &ecdsa.PublicKey{
		Curve: elliptic.P256(),
		X:     number(t, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
		Y:     number(t, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
	})
	es256 := rfcTokens["RFC 7515 A.3"]
	for name, token := range rfcTokens {
		if name != "RFC 7515 A.3" {
			mustRefuse(t, token, k)
			mustRefuse(t, es256[:strings.LastIndexByte(es256, '.')]+token[strings.LastIndexByte(token, '.'):], k)
		}
	}
}
