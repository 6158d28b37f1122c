package mime_test

import (
	"testing"

	"bdc/ingest/mime"
)

func TestAutomatic(t *testing.T) {
	tests := []struct{ name, header, want string }{
		{"a person", "Return-Path: <a@b.fr>\r\nSubject: Commande", ""},
		{"a person who answers", "Auto-Submitted: no\r\nX-Auto-Response-Suppress: None\r\nPrecedence: normal\r\n" +
			"Subject: RE: Réponse automatique : Commande", ""},
		{"a person who forwards a bounce", "Subject: Fwd: Undelivered Mail Returned to Sender", ""},
		{"a service that sends for a person", "Return-Path: <bounce+12@mailer.example>", ""},
		{"null sender", "Return-Path: <>", "null-sender"},
		{"null sender, spaced", "Return-Path:  < > ", "null-sender"},
		{"daemon's path", "Return-Path: <MAILER-DAEMON>", "null-sender"},
		{"answered by a program", "Auto-Submitted: auto-replied (vacation)", "auto-submitted"},
		{"made by a program", "auto-submitted: Auto-Generated; type=x", "auto-submitted"},
		{"forwarded by a program", "Auto-Submitted: no\r\nAuto-Submitted: auto-forwarded", "auto-submitted"},
		{"Exchange", "X-Auto-Response-Suppress: OOF, AutoReply", "suppress"},
		{"no answers at all", "X-Auto-Response-Suppress: all", "suppress"},
		{"no answers, among others", "X-Auto-Response-Suppress: DR,OOF;\r\n AUTOREPLY", "suppress"},
		{"no absence notice", "X-Auto-Response-Suppress: OOF", ""},
		{"no receipts", "X-Auto-Response-Suppress: DR, NDR, RN, NRN, OOF", ""},
		{"nothing said", "X-Auto-Response-Suppress:", ""},
		{"old autoresponder", "X-Autoreply: yes", "auto-reply"},
		{"cPanel's autoresponder", "X-Autorespond: absence", "auto-reply"},
		{"Exim's bounce", "X-Failed-Recipients: c@d.fr", "auto-reply"},
		{"bulk", "Precedence: Bulk", "precedence"},
		{"junk", "Precedence: junk", "precedence"},
		{"list", "Precedence: list", "precedence"},
		{"vacation", "Precedence: auto_reply", "precedence"},
		{"vacation, misspelt", "Preference: auto_reply", "precedence"},
		{"bulk by another name", "X-Precedence: bulk", "precedence"},
		{"bulk with a comment", "Precedence: bulk (newsletter)", "precedence"},
		{"first class", "Precedence: first-class", ""},
		{"made by a machine", "X-FC-MachineGenerated: true", "auto-reply"},
		{"not made by a machine", "X-FC-MachineGenerated: false", ""},
		{"an autoresponder's class", "X-POST-MessageClass: 9; Autoresponder", "auto-reply"},
		{"an autoresponder's address", "Delivered-To: Autoresponder", "auto-reply"},
		{"delivered to a person", "Delivered-To: commandes@cns.example", ""},
		{"mailing list", "List-Id: <libraires.example.org>", "list"},
		{"newsletter", "List-Unsubscribe: <mailto:x@y.fr>", "list"},
		{"delivery report", "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "report"},
		{"read receipt", "Content-Type: multipart/report; report-type=disposition-notification; boundary=b", "report"},
		{"bounce's subject", "Subject: Undelivered Mail Returned to Sender", "bounce-subject"},
		{"Outlook's subject", "Subject: =?utf-8?Q?R=C3=A9ponse_automatique=C2=A0=3A_Commande?=", "bounce-subject"},
		{"absence", "Subject: Out of Office: Commande", "bounce-subject"},
		{"Apple's vacation", "X-Apple-Action: JUNK-MAIL/vacation", "auto-reply"},
		{"autoresponder's subject", "Subject: Auto Response: Commande", "bounce-subject"},
		{"French autoresponder's subject", "Subject: =?utf-8?Q?R=C3=A9ponse_auto?= : Commande", "bounce-subject"},
		{"late delivery", "Subject: Warning: could not send message for past 4 hours", "bounce-subject"},
		{"French absence", "Subject: =?utf-8?Q?Absence=C2=A0:_Commande?=", "bounce-subject"},
		{"French absence, spelt out", "Subject: =?utf-8?Q?Notification_d=E2=80=99absence?=", "bounce-subject"},
		{"a person who writes of an absence", "Subject: =?utf-8?Q?Absence_de_r=C3=A9ponse?=", ""},
		{"French bounce", "Subject: =?utf-8?Q?Non_remis=E2=80=AF:_Commande?=", "bounce-subject"},
		{"French bounce of a provider", "Subject: =?utf-8?Q?Message_non_distribu=C3=A9?=", "bounce-subject"},
		{"failed delivery", "Subject: Échec de la remise : Commande", "bounce-subject"},
		{"failed delivery without accents", "Subject: ECHEC DE REMISE", "bounce-subject"},
		{"an old server's bounce", "Subject: Returned Mail - Error During Delivery", "bounce-subject"},
		{"German bounce", "Subject: Unzustellbar: Commande", "bounce-subject"},
		{
			"Notes's absence", "Subject: AUTO: Dupont, Jean is out of the office (returning 05/01/2027)",
			"bounce-subject",
		},
		{"absence in brackets", "Subject: [Réponse automatique] Commande", "bounce-subject"},
		{"absence in stars", "Subject: *** Message d'absence ***", "bounce-subject"},
		{"Notes's absence in French", "Subject: AUTO : Jean Dupont est absent", "bounce-subject"},
		{"German absence", "Subject: Abwesenheitsnotiz: Commande", "bounce-subject"},
		{"German answer", "Subject: Automatische Antwort: Commande", "bounce-subject"},
		{"Spanish answer", "Subject: =?utf-8?Q?Respuesta_autom=C3=A1tica:_Commande?=", "bounce-subject"},
		{"Italian answer", "Subject: Risposta automatica: Commande", "bounce-subject"},
		{"Portuguese answer", "Subject: =?utf-8?Q?Resposta_autom=C3=A1tica:_Commande?=", "bounce-subject"},
		{"Dutch answer", "Subject: Automatisch antwoord: Commande", "bounce-subject"},
		{"French receipt", "Subject: =?utf-8?Q?Lu=C2=A0:_Commande?=", "bounce-subject"},
		{"a person who writes of cars", "Subject: Automobile : commande de manuels", ""},
		{"a person who writes of reading", "Subject: Lu et approuv\xe9 : commande", ""},
		{"a list of old", "X-List-Unsubscribe: <mailto:x@y.fr>", "list"},
		{"Mailman of old", "X-BeenThere: libraires@example.org", "list"},
		{"qmail's double bounce", "Return-Path: <#@[]>", "null-sender"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := read(t, "From: Libraire <a@b.fr>\r\n"+test.header+"\r\n\r\ntext")
			if m.Automatic != test.want {
				t.Errorf("got %q, want %q", m.Automatic, test.want)
			}
			h, err := mime.ReadHeader([]byte("From: Libraire <a@b.fr>\r\n"+test.header), mime.DefaultLimits())
			if err != nil || h.Automatic != test.want {
				t.Errorf("got %q from the header alone (%v), want %q", h.Automatic, err, test.want)
			}
		})
	}
}

func TestAutomaticSenders(t *testing.T) {
	tests := []struct{ from, want string }{
		{"commandes@librairie.fr", ""},
		{"postulat@librairie.fr", ""},
		{"bouncer@librairie.fr", ""},
		{"MAILER-DAEMON@b.fr", "daemon"},
		{"MDaemon@b.fr", "daemon"},
		{"Mail Delivery Subsystem <system@b.fr>", "daemon"},
		{"Maildelivery Dupont <a@b.fr>", ""},
		{"Mail Delivery System <Mailer-Daemon@b.fr>", "daemon"},
		{"postmaster@b.fr", "daemon"},
		{"post_master@b.fr", "daemon"},
		{"noreply@b.fr", "noreply"},
		{"no-reply@b.fr", "noreply"},
		{"No_Reply+12@b.fr", "noreply"},
		{"facturation.noreply@b.fr", "noreply"},
		{"ne-pas-repondre@b.fr", "noreply"},
		{"nepasrepondre@b.fr", "noreply"},
		{"do-not-reply@b.fr", "noreply"},
		{"sans-reponse@b.fr", "noreply"},
		{"autoreply@b.fr", "noreply"},
		{"auto-responder@b.fr", "noreply"},
		{"mail-daemon@b.fr", "daemon"},
		{"Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@b.fr>", "daemon"},
		{"Postmaster <systeme@b.fr>", "daemon"},
		{"Ne pas répondre <commandes@b.fr>", "noreply"},
		{"noreply@b.fr <commandes@b.fr>", "noreply"},
		{"La Réponse <commandes@b.fr>", ""},
		{"Éléonore Plynel <commandes@b.fr>", ""},
		{"no-responder@b.fr", "noreply"},
		{"bounce-123=x@b.fr", "noreply"},
		{"bounces@b.fr", "noreply"},
		{"Librairie commandes@b.fr", ""},
		{"commandes @ b.fr", ""},
		{"Élise <élise@b.fr", ""},
		{"a@b.fr c@d.fr", ""},
		{"Librairie noreply@b.fr", "noreply"},
		{"a@b.fr <>", ""},
		{"MAILER-DAEMON <>", "no-sender"},
		{"", "no-sender"},
		{"mailer-daemon", "no-sender"},
	}
	for _, test := range tests {
		if got := read(t, "From: "+test.from+"\r\n\r\ntext").Automatic; got != test.want {
			t.Errorf("got %q for %q, want %q", got, test.from, test.want)
		}
	}
}

// An address that people find in a From field which follows no grammar is the sender's, if
// there is no other.
func TestOddSenders(t *testing.T) {
	for from, want := range map[string]string{
		"Librairie commandes@b.fr":                                "commandes@b.fr",
		"commandes@B.fr (Librairie) Paris":                        "commandes@b.fr",
		"Librairie [commandes@b.fr]":                              "commandes@b.fr",
		"\"Librairie <commandes@b.fr>\"":                          "commandes@b.fr",
		"=?utf-8?Q?Librairie_=C3=89cole_=3Ccommandes=40b.fr=3E?=": "commandes@b.fr",
		"<commandes@b.fr> <commandes@b.fr>":                       "commandes@b.fr",
		"mailto:commandes@b.fr":                                   "commandes@b.fr",
		"<<commandes@b.fr>>":                                      "commandes@b.fr",
		"a@b.fr c@d.fr":                                           "",
		"\"x@evil.example a@b.fr\"":                               "",
		"élise@b.fr x":                                            "",
		"a@b@c.fr":                                                "",
		"commandes @ b.fr":                                        "",
		"a@b.fr <>":                                               "",
		"Librairie":                                               "",
	} {
		if got := read(t, "From: "+from+"\r\n\r\ntext").From; got != want {
			t.Errorf("got %q from %q, want %q", got, from, want)
		}
	}
}
