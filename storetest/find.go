package storetest

var byIDClauses = []clause{{
	name: "Unknown",
	says: "UserByID returns an error wrapping ErrUserNotFound if no account has the ID",
	mend: "turn the driver's \"no rows\" into ErrUserNotFound with %w; never return a zero Account without an error",
	test: func(p *probe) {
		p.noID("unknown") // in an empty store
		p.create(fullAccount("known"))
		p.noID("unknown")
		p.noID("know")
		p.noID("known2")
		p.noID(emailOf("known"))
	},
}, {
	name: "EmptyID",
	says: "no account has the empty ID",
	mend: "an empty ID is looked up like any other; it must not drop the condition",
	test: func(p *probe) {
		p.create(fullAccount("one"))
		p.create(bareAccount("two"))
		p.noID("")
	},
}, {
	name: "PlainText",
	says: "an ID is plain text: no pattern, no quote, no code",
	mend: "compare with =, pass the ID as a parameter",
	test: func(p *probe) {
		a := fullAccount("victim")
		p.create(a)
		for _, pattern := range patterns("victim") {
			p.noID(pattern)
		}
		p.holds(a)
	},
}}

var byEmailClauses = []clause{{
	name: "Unknown",
	says: "UserByEmail returns an error wrapping ErrUserNotFound if no account has the address",
	mend: "turn the driver's \"no rows\" into ErrUserNotFound with %w; never return a zero Account without an error",
	test: func(p *probe) {
		p.noEmail("unknown@example.com") // in an empty store
		p.create(fullAccount("known"))
		p.noEmail("unknown@example.com")
		p.noEmail("known@example.co")
		p.noEmail("nown@example.com")
		p.noEmail("known")
	},
}, {
	name: "EmptyEmail",
	says: "nobody has the empty address",
	mend: "answer ErrUserNotFound to \"\" before the look-up, or store the empty address as NULL",
	test: func(p *probe) {
		p.noEmail("")
		p.create(bareAccount("one"))
		p.create(bareAccount("two"))
		p.noEmail("")
		a := fullAccount("three")
		p.create(a)
		a.Email = ""
		p.update(a)
		p.noEmail("")
	},
}, {
	name: "PlainText",
	says: "an address is plain text: no pattern, no quote, no code",
	mend: "compare with =, pass the address as a parameter",
	test: func(p *probe) {
		a := fullAccount("victim")
		p.create(a)
		for _, pattern := range patterns(a.Email) {
			p.noEmail(pattern)
		}
		p.holds(a)
	},
}}

// patterns are texts that find the key if anybody reads more into them than bytes.
func patterns(key string) []string {
	return []string{
		"%", "_%", key[:3] + "%", "_" + key[1:], "*", key[:3] + "*", ".*", "^" + key, key + "$", "?" + key[1:],
		"' OR '1'='1", "' OR 1=1 --", `" OR ""="`, `\' OR 1=1 --`, key + "'", key + "' --", key + "'; DROP TABLE users; --", `\` + key,
		"{\"$ne\":null}", "[$ne]", "$1", "?", ":id", "null", "../" + key, key + "/", " " + key, key + " ",
	}
}
