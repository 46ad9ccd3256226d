package authtest

// The honest key signs every attack of the claims_ files. A signer that deserves little
// trust makes such tokens, or the token was good once.

const (
	past   = "1000000000"  // 2001, beyond any leeway
	future = "32503680000" // the year 3000
)

// notTimes are values that are not times (RFC 7519 §2). Some readers compare a text as a
// text, take null and false for absent, or take an array for its first member.
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

const (
	whyExpired = "The token has expired (RFC 7519 §4.1.4)."
	whyNotExp  = "An exp that is not a number was taken for none, or for one in the future (RFC 7519 §4.1.4). " +
		"In CVE-2024-51744 a caller looked at the wrong one of two errors."
	whyNoExp = "The finder of such a token has it for ever. RFC 7519 §4.1.4 does not require exp, " +
		"so a target must ask for it."
	whyEarly     = "The token is not valid yet (RFC 7519 §4.1.5)."
	whyNotNbf    = "An nbf that is not a number was taken for none (RFC 7519 §4.1.5)."
	whyFromAhead = "The token comes from the future. A target that measures its age finds it young for ever " +
		"(RFC 7519 §4.1.6 leaves the check open)."
	whyNotIat   = "An iat that is not a number was taken for none (RFC 7519 §4.1.6)."
	whyOverflow = "The number overflows: to one reader it is infinite, to another negative or long ago. " +
		"Above 2^53 two readers disagree about integers (RFC 8259 §6)."
	whyNegative = "A time before 1970 is not the time of a token. Read without its sign, it lies in the future."
)

func (f *forger) addTime(claim, name, value, why string) {
	f.addSigned(claim+" is "+name, f.header(), f.with(claim, value), why)
}

func (f *forger) addNotTimes(claim, why string) {
	for _, v := range notTimes {
		f.addTime(claim, v.name, v.value, why)
	}
}

func expiryAttacks(f *forger) {
	for _, v := range []struct{ name, value string }{
		{"in 2001", past},
		{"in 2001 and a bit", "1000000000.5"},
		{"in 2001, with an exponent", "1e9"},
		{"zero", "0"},
		{"minus zero", "-0"},
		{"one", "1"},
		{"nearly nothing", "1e-400"},
	} {
		f.addTime("exp", v.name, v.value, whyExpired)
	}
	f.addNotTimes("exp", whyNotExp)
}

func noExpiryAttacks(f *forger) {
	if f.has("exp") {
		f.addSigned("exp is missing", f.header(), f.without("exp"), whyNoExp)
	}
}

func notBeforeAttacks(f *forger) {
	f.addTime("nbf", "in the year 3000", future, whyEarly)
	f.addTime("nbf", "in the year 3000 and a bit", future+".5", whyEarly)
	f.addTime("nbf", "far off, with an exponent", "3.2503680e10", whyEarly)
	f.addNotTimes("nbf", whyNotNbf)
}

func issuedAtAttacks(f *forger) {
	f.addTime("iat", "in the year 3000", future, whyFromAhead)
	f.addTime("iat", "far off, with an exponent", "3.2503680e10", whyFromAhead)
	f.addNotTimes("iat", whyNotIat)
}

// rangeAttacks have numbers that do not fit into the types of readers.
func rangeAttacks(f *forger) {
	for _, v := range []struct{ name, value string }{
		{"infinite", "1e400"},
		{"minus infinite", "-1e400"},
		{"2^53 and 1", "9007199254740993"},
		{"2^63", "9223372036854775808"},
		{"2^64 and the future", "18446744106213231616"},
		{"a number of 40 digits", "3250368000032503680000325036800003250368"},
		{"the largest float", "1.7976931348623157e308"},
	} {
		f.addTime("exp", v.name, v.value, whyOverflow)
	}
	f.addTime("exp", "minus one", "-1", whyNegative)
	f.addTime("exp", "minus 2^63", "-9223372036854775808", whyNegative)
	for _, claim := range []string{"nbf", "iat"} {
		f.addTime(claim, "infinite", "1e400", whyOverflow)
		f.addTime(claim, "minus infinite", "-1e400", whyOverflow)
		f.addTime(claim, "2^63", "9223372036854775808", whyOverflow)
		f.addTime(claim, "minus one", "-1", whyNegative)
		f.addTime(claim, "minus 2^63", "-9223372036854775808", whyNegative)
	}
}
