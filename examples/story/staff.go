package story

import "strings"

// Card is what a firm asks of somebody new: a name for their seat, their own
// name, an address.
func (s *Story) Card(p Person) Params {
	card := Params{"staff": p.Seat(), "email": s.User(p)}
	if _, last, ok := strings.Cut(string(p), " "); ok {
		card["first_name"], card["last_name"] = p.String(), last
	} else {
		card["contact_name"] = p.String()
	}
	return card
}

// CardFor is the card with a role on it.
func (s *Story) CardFor(p Person, role string) Params {
	card := s.Card(p)
	card["role"] = role
	return card
}

// SignsUp has the person sign the firm up, under the title.
func (s *Story) SignsUp(p Person, title string) { s.founds(p, s.Firm, title) }

// OwnFirm has the person sign up a firm of their own, of which another, who may
// see all of this one, learns nothing.
func (s *Story) OwnFirm(p, other Person, title string) {
	s.founds(p, s.Firm+"-2", title)
	s.Refused(other, "to look into "+p.String()+"'s own firm", "not_found", "GET", "/v1/partners/"+s.Firm+"-2/staff", nil)
}

func (s *Story) founds(p Person, firm, title string) {
	card := s.Card(p)
	card["partner"], card["title"] = firm, title
	s.Does(p, "POST", "/v1/partners", card)
}

// Invites has a person invite another.
func (s *Story) Invites(by, who Person, role string) {
	s.Does(by, "POST", "/staff", s.CardFor(who, role))
}

// Accepts has a person accept the last invitation that was mailed to them.
func (s *Story) Accepts(who Person) {
	s.Does(who, "POST", "/v1/invitations/accept", Params{"token": s.Invitation(who)})
}

// Joins has a person invite another, who accepts.
func (s *Story) Joins(by, who Person, role string) {
	s.Invites(by, who, role)
	s.Accepts(who)
}

// Invitation is the token from the last mail to the person.
func (s *Story) Invitation(who Person) string {
	if s.err != nil {
		return ""
	}
	token, err := s.at.invitation(s.User(who))
	s.Expect(err == nil, "%v", err)
	return token
}
