package authtest

// The attacks on times are signed by the honest key, as is every attack on a claim: a
// signer of little trust makes them, or a good token that has grown old.

// notTimes are values that no time is, RFC 7519 §2. A text is compared as a text, null and
// false are taken for absent, an array is taken for its first member.
var notTimes = []struct{ name, value string }{
	{"a text of digits", `"32503680000"`},
	{"a text of past digits", `"1000000000"`},
	{"an empty text", `""`},
	{"a date", `"3000-01-01T00:00:00Z"`},
	{"the text Infinity", `"Infinity"`},
	{"the text NaN", `"NaN"`},
	{"null", "null"},
	{"true", "true"},
	{"false", "false"},
	{"an array", "[32503680000]"},
	{"an empty array", "[]"},
	{"an object", `{"$gt":0}`},
	{"an empty object", "{}"},
}

func (f *forger) addTime(claim, name, value, why string) {
	f.addSigned(claim+" is "+name, f.header(), f.with(claim, value), why)
}

func (f *forger) addNotTimes(claim, why string) {
	for _, v := range notTimes {
		f.addTime(claim, v.name, v.value, why)
	}
}

func expiryAttacks(f *forger) {
	const old = "The token has expired (RFC 7519 §4.1.4)."
	for _, v := range []struct{ name, value string }{
		{"in 2001", past},
		{"in 2001 and a bit", "1000000000.5"},
		{"in 2001, with an exponent", "1e9"},
		{"zero", "0"},
		{"minus zero", "-0"},
		{"one", "1"},
		{"nearly nothing", "1e-400"},
	} {
		f.addTime("exp", v.name, v.value, old)
	}
	f.addNotTimes("exp", "An exp that is no number was taken for none, or for one in the future (RFC 7519 §4.1.4; CVE-2024-51744 is of a caller that looked at the wrong one of two errors).")
}

func noExpiryAttacks(f *forger) {
	if f.has("exp") {
		f.addSigned("exp is missing", f.header(), f.without("exp"), "Whoever finds such a token has it for ever. RFC 7519 §4.1.4 leaves exp out of what must be, so a target has to ask for it.")
	}
}

func notBeforeAttacks(f *forger) {
	const early = "The token is not valid yet (RFC 7519 §4.1.5)."
	f.addTime("nbf", "in the year 3000", future, early)
	f.addTime("nbf", "in the year 3000 and a bit", future+".5", early)
	f.addTime("nbf", "far off, with an exponent", "3.2503680e10", early)
	f.addNotTimes("nbf", "An nbf that is no number was taken for none (RFC 7519 §4.1.5).")
}

func issuedAtAttacks(f *forger) {
	const early = "The token comes from the future; whoever measures its age finds it young for ever (RFC 7519 §4.1.6 leaves the check open)."
	f.addTime("iat", "in the year 3000", future, early)
	f.addTime("iat", "far off, with an exponent", "3.2503680e10", early)
	f.addNotTimes("iat", "An iat that is no number was taken for none (RFC 7519 §4.1.6).")
}

// rangeAttacks have numbers that do not fit where readers put them.
func rangeAttacks(f *forger) {
	const big = "The number overflows: it is infinite to one reader, and negative or long ago to another one. Above 2^53 two readers disagree about integers (RFC 8259 §6)."
	for _, v := range []struct{ name, value string }{
		{"infinite", "1e400"},
		{"minus infinite", "-1e400"},
		{"2^53 and 1", "9007199254740993"},
		{"2^63", "9223372036854775808"},
		{"2^64 and the future", "18446744106213231616"},
		{"a number of 40 digits", "3250368000032503680000325036800003250368"},
		{"the largest float", "1.7976931348623157e308"},
	} {
		f.addTime("exp", v.name, v.value, big)
	}
	const negative = "A time before 1970 is no time of a token, and becomes one in the future where it is read without its sign."
	f.addTime("exp", "minus one", "-1", negative)
	f.addTime("exp", "minus 2^63", "-9223372036854775808", negative)
	for _, claim := range []string{"nbf", "iat"} {
		f.addTime(claim, "infinite", "1e400", big)
		f.addTime(claim, "minus infinite", "-1e400", big)
		f.addTime(claim, "2^63", "9223372036854775808", big)
		f.addTime(claim, "minus one", "-1", negative)
		f.addTime(claim, "minus 2^63", "-9223372036854775808", negative)
	}
}
