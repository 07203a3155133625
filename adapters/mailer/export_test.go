package mailer

// Pretend makes the mailer take the server for another host than it dials.
func (s *SMTP) Pretend(host string) { s.host = host }
