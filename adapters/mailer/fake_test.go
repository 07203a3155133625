package mailer_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/portico-authz/portico/adapters/loopback"
)

// fakeServer is a mail server on loopback that keeps what it is told.
type fakeServer struct {
	Address string
	// TLS, if set, is offered by STARTTLS.
	TLS *tls.Config
	// Deaf accepts connections and says nothing.
	Deaf bool
	// Refuse, if set, is the answer to RCPT.
	Refuse string

	mu        sync.Mutex
	commands  []string
	message   string
	encrypted bool
}

func (f *fakeServer) start(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a listener in a test
	if err != nil {
		t.Fatal(err)
	}
	f.Address = listener.Addr().String()
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { f.serve(t, conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
}

// serve speaks just enough SMTP.
func (f *fakeServer) serve(t *testing.T, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if f.Deaf {
		<-t.Context().Done()
		return
	}
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	say("220 fake")
	lines, secured := bufio.NewReader(conn), false
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		f.note(func() { f.commands = append(f.commands, line) })
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); {
		case verb == "EHLO" && f.TLS != nil && !secured:
			say("250-fake\r\n250 STARTTLS")
		case verb == "EHLO":
			say("250-fake\r\n250 AUTH PLAIN")
		case verb == "STARTTLS":
			say("220 go")
			secure := tls.Server(conn, f.TLS)
			conn, lines, secured = secure, bufio.NewReader(secure), true
			f.note(func() { f.encrypted = true })
		case verb == "AUTH":
			say("235 welcome")
		case verb == "RCPT" && f.Refuse != "":
			say(f.Refuse)
		case verb == "DATA":
			say("354 go")
			text := ""
			for {
				part, err := lines.ReadString('\n')
				if err != nil || part == ".\r\n" {
					break
				}
				text += part
			}
			f.note(func() { f.message = text })
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (f *fakeServer) note(fn func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fn()
}

func (f *fakeServer) Message() (text string) {
	f.note(func() { text = f.message })
	return text
}

func (f *fakeServer) Encrypted() (yes bool) {
	f.note(func() { yes = f.encrypted })
	return yes
}

// Told reports whether a command began so.
func (f *fakeServer) Told(prefix string) (yes bool) {
	f.note(func() {
		for _, c := range f.commands {
			yes = yes || strings.HasPrefix(c, prefix)
		}
	})
	return yes
}

// selfSigned returns a certificate for 127.0.0.1 and a pool that trusts it.
func selfSigned(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	certFile, keyFile := loopback.Certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(pair.Leaf)
	return &tls.Config{Certificates: []tls.Certificate{pair}}, pool
}
