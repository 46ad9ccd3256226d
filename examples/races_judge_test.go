package examples_test

import (
	"errors"
	"slices"

	"github.com/deskauth/deskauth"
)

// enders are the calls that ended every session of before.
func (r *round) enders() (all []try) {
	if r.change.endsAll && r.did.err == nil {
		all = append(all, r.did)
	}
	if r.gone {
		all = append(all, r.purge)
	}
	return all
}

// ends reports whether the change ends the sessions that began before it, of that name.
func (r *round) ends(what string) bool {
	if r.change.endsAll {
		return true
	}
	return r.change.name == "Signout" && (what == "first" || what == "verify")
}

// judgeChange checks what the change and the purge returned.
func (r *round) judgeChange() {
	if r.kind != deskauth.KindUser {
		r.gone = r.purge.token != ""
		if r.purge.err != nil {
			r.t.Errorf("the purge: %v", r.purge.err)
		}
	}
	if r.did.err != nil && (r.did.err != deskauth.ErrUserNotFound || !r.gone) {
		r.t.Errorf("%s: %v, and the purge deleted the account: %t", r.change.name, r.did.err, r.gone)
	}
	if r.did.err != nil && r.did.ended < r.purge.began {
		r.t.Errorf("%s: %v before the purge began", r.change.name, r.did.err)
	}
}

// judgeError checks the error of a call against the order in which the calls ran.
func (r *round) judgeError(x try) {
	may := []error{nil}
	enders := r.enders()
	if !r.change.endsAll && r.ends(x.what) {
		enders = append(enders, r.did)
	}
	before := !slices.ContainsFunc(enders, func(e try) bool { return x.ended > e.began })
	if !before {
		may = append(may, r.mayFail(x)...)
	}
	if x.what == "new signin" {
		may = []error{nil, deskauth.ErrInvalidCredentials}
	}
	if !slices.Contains(may, x.err) {
		r.t.Errorf("%s against %s: %v, want one of %v", x.what, r.change.name, x.err, may)
	}
	isOld := slices.Contains([]string{"first", "other", "verify"}, x.what) || x.what == "signin" && r.change.renews()
	if isOld && x.err == nil && r.did.err == nil && x.began > r.did.ended && r.ends(x.what) {
		r.t.Errorf("%s after %s: want it refused", x.what, r.change.name)
	}
	if early, late := x.ended < r.did.began, x.began > r.did.ended; x.what == "new signin" &&
		(early && x.err == nil || late && x.err != nil) {
		r.t.Errorf("%s, before %s %t, after it %t: %v", x.what, r.change.name, early, late, x.err)
	}
	if r.gone && r.kind == deskauth.KindGuest && x.err == nil && x.what != "verify" {
		r.t.Errorf("%s noted that a guest is active, and it was purged as idle", x.what)
	}
}

// mayFail returns how a call may be refused that did not end before the change began.
func (r *round) mayFail(x try) (may []error) {
	deleted := r.change.name == "DeleteUser" || r.gone
	disabled := r.change.name == "SetDisabled"
	switch x.what {
	case "verify":
		return []error{deskauth.ErrInvalidToken}
	case "first", "other", "custom":
		may = append(may, deskauth.ErrInvalidToken)
		if disabled {
			may = append(may, deskauth.ErrAccountDisabled)
		}
	case "signin":
		may = append(may, deskauth.ErrInvalidCredentials)
	case "issue":
		if deleted {
			may = append(may, deskauth.ErrUserNotFound)
		}
		if disabled {
			may = append(may, deskauth.ErrAccountDisabled)
		}
	}
	return may
}

// judgeToken checks whether the session of a token goes on as it should.
func (r *round) judgeToken(x try) {
	if x.token == "" {
		return
	}
	_, err := r.now.Verify(r.t.Context(), x.token)
	if err != nil && !errors.Is(err, deskauth.ErrInvalidToken) {
		r.t.Errorf("%s against %s: Verify says %v", x.what, r.change.name, err)
	}
	over, good := r.fate(x)
	if over && err == nil || good && err != nil {
		r.t.Errorf("%s [%d %d] against %s [%d %d], purge [%d %d] %t: Verify says %v; it must be over: %t, good: %t",
			x.what, x.began, x.ended, r.change.name, r.did.began, r.did.ended,
			r.purge.began, r.purge.ended, r.gone, err, over, good)
	}
}

// fate returns whether a session has to be over, or to be good. If neither, some order of
// the calls explains either.
func (r *round) fate(x try) (over, good bool) {
	enders := r.enders()
	switch {
	case x.what == "first" || x.what == "other": // or a renewal
		over = len(enders) > 0 || r.ends(x.what)
		return over, !over
	case x.what == "new signin":
		return false, true
	case x.what == "signin" && r.change.renews(), r.change.name == "SetDisabled" && r.did.err == nil && !r.gone,
		r.change.name == "DeleteUser" && r.kind != deskauth.KindExternal, r.gone && r.kind == deskauth.KindGuest:
		return true, false
	}
	good = true
	for _, e := range enders {
		over = over || x.ended < e.began
		good = good && x.began > e.ended
	}
	return over, good
}
