package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/smtp"
	"net/textproto"
	"time"

	"github.com/portico-authz/portico/engine"
)

// SMTPOptions say how to reach a mail server. The zero value works.
type SMTPOptions struct {
	// Username and Password, if set, log in; never without encryption, but on
	// loopback.
	Username, Password string
	// Timeout bounds one delivery. Default: 20 s.
	Timeout time.Duration
	// Roots are the authorities that may vouch for the server, instead of the
	// system's.
	Roots *x509.CertPool
	Clock engine.Clock // default: the system's
}

// SMTP hands invitations to a mail server. It is safe for concurrent use; each
// delivery is a connection of its own.
type SMTP struct {
	address, host, port string
	from                mail.Address
	letter              Letter
	options             SMTPOptions
}

var _ engine.Mailer = (*SMTP)(nil)

// NewSMTP returns a mailer for the server at address (host:port), which sends
// as from: no-reply@portal.example, or Portal <no-reply@portal.example>.
//
// The connection is encrypted: at once on port 465, by STARTTLS elsewhere. A
// server that offers neither is refused, unless it is on loopback.
func NewSMTP(address, from string, letter Letter, opts *SMTPOptions) (*SMTP, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("the mail server %q: want host:port, such as smtp.example:587", address)
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender %q is not an e-mail address", from)
	}
	s := &SMTP{address: address, host: host, port: port, from: *sender, letter: letter}
	if opts != nil {
		s.options = *opts
	}
	if s.options.Timeout <= 0 {
		s.options.Timeout = 20 * time.Second
	}
	if s.options.Clock == nil {
		s.options.Clock = systemClock{}
	}
	return s, nil
}

// SendInvitation implements [engine.Mailer].
func (s *SMTP) SendInvitation(ctx context.Context, m engine.InvitationMail) error {
	to, err := recipient(m)
	if err != nil {
		return err
	}
	text, err := message(s.from, to, s.letter.Subject(m), s.letter.Text(m), s.options.Clock.Now())
	if err != nil {
		return engine.WrapError(engine.Internal, "write the invitation", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	if err := s.send(ctx, to.Address, text); err != nil {
		return engine.WrapError(engine.Unavailable, "send by "+s.address, err)
	}
	return nil
}

func (s *SMTP) send(ctx context.Context, to string, text []byte) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // closed already, if all went well
	// net/smtp knows no context: closing the connection ends what waits on it.
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()

	client, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return failed("greeting", err)
	}
	if err := s.secure(client); err != nil {
		return err
	}
	if s.options.Username != "" {
		if err := client.Auth(smtp.PlainAuth("", s.options.Username, s.options.Password, s.host)); err != nil {
			return failed("AUTH", err)
		}
	}
	if err := transmit(client, s.from.Address, to, text); err != nil {
		return err
	}
	_ = client.Quit() // the server has taken the message; what it says now changes nothing
	return nil
}

func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	if s.port == "465" {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, "tcp", s.address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.options.Roots, MinVersion: tls.VersionTLS12}
}

func (s *SMTP) secure(client *smtp.Client) error {
	if _, encrypted := client.TLSConnectionState(); encrypted {
		return nil
	}
	offered, _ := client.Extension("STARTTLS")
	switch {
	case offered:
		return failed("STARTTLS", client.StartTLS(s.tls()))
	case loopback(s.host):
		return nil
	}
	return errors.New("the server offers no encryption (STARTTLS), and the invitation's token is a secret")
}

func transmit(client *smtp.Client, from, to string, text []byte) error {
	if err := client.Mail(from); err != nil {
		return failed("MAIL", err)
	}
	if err := client.Rcpt(to); err != nil {
		return failed("RCPT", err)
	}
	w, err := client.Data()
	if err != nil {
		return failed("DATA", err)
	}
	if _, err := w.Write(text); err != nil {
		return failed("DATA", err)
	}
	return failed("DATA", w.Close())
}

// failed says at which step a delivery ended, and nil if err is. Of what the
// server said it keeps the code only: servers repeat the address, and errors go
// to the log.
func failed(step string, err error) error {
	var refused *textproto.Error
	var garbled textproto.ProtocolError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return fmt.Errorf("%s: %d", step, refused.Code)
	case errors.As(err, &garbled):
		return fmt.Errorf("%s: the answer isn't SMTP", step)
	}
	return fmt.Errorf("%s: %w", step, err)
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }
