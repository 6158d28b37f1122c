package main

import (
	"errors"
	"fmt"
	"net/smtp"
	"testing"
)

func TestSinkCountsMailsAndNumbers(t *testing.T) {
	s, err := newSink()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	c, err := smtp.Dial(fmt.Sprintf("127.0.0.1:%d", s.port()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Auth(smtp.PlainAuth("", "orders@test.local", "secret", "127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	for _, mail := range []string{
		"Subject: [CNS-2026-000001] Re: one\r\n\r\n.\r\nQUIT\r\n",
		"Subject: =?UTF-8?q?[CNS-2026-000002]_Re:_deux?=\r\n\r\nCNS-2026-000009\r\n",
		"Subject: [CNS-2026-000002] again\r\n\r\n",
		"Subject: no number\r\n\r\nCNS-2026-000010\r\n",
	} {
		if err := send(c, mail); err != nil {
			t.Fatal(err)
		}
	}
	if accepted, numbers := s.count(); accepted != 4 || numbers != 2 {
		t.Errorf("the sink counts %d mails and %d numbers, want 4 and 2", accepted, numbers)
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
}

func send(c *smtp.Client, mail string) error {
	if err := errors.Join(c.Mail("orders@test.local"), c.Rcpt(sender)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = w.Write([]byte(mail))
	return errors.Join(err, w.Close())
}
