package review

import (
	"slices"

	"bdc/order"
)

// route says which function handles the requests of a pattern of http.ServeMux, and
// who may make them. An error that handle returns becomes a page (see visit.fail).
type route struct {
	pattern string
	role    order.Role // the lowest role that is let through; "" lets everybody through
	handle  func(*visit) error
}

// routes are the routes of cases and orders, of the dashboard and the audit, and of
// signing in.
func (c *Console) routes() []route {
	const everybody = order.Role("")
	return []route{
		{"GET /connexion", everybody, c.signInForm},
		{"POST /connexion", everybody, c.signIn},
		{"POST /deconnexion", everybody, c.signOut},
		{"GET /compte", order.Reading, c.profile},
		{"POST /compte/mot-de-passe", order.Reading, c.changePassword},
		{"GET /journal", order.Admin, c.journal},
		{"GET /{$}", order.Reading, func(v *visit) error { return v.redirect("/a-traiter") }},
		{"GET /evenements", order.Reading, c.events},
		{"GET /barre", order.Reading, c.bar},
		{"GET /a-traiter", order.Reading, c.inbox},
		{"GET /recherche", order.Reading, c.search},
		{"GET /dossiers/{code}", order.Reading, c.caseDetail},
		{"GET /dossiers/{code}/pieces/{hash}", order.Reading, c.attachment},
		{"GET /dossiers/{code}/pieces/{hash}/pdf", order.Reading, c.casePDF},
		{"GET /dossiers/{code}/etablissement", order.Sales, c.schools},
		{"POST /dossiers/{code}/corriger", order.Sales, c.correct},
		{"POST /dossiers/{code}/lever", order.Sales, c.waive},
		{"POST /dossiers/{code}/classer", order.Sales, c.close},
		{"POST /dossiers/{code}/rouvrir", order.Sales, c.reopen},
		{"POST /dossiers/{code}/confier", order.Sales, c.assign},
		{"POST /dossiers/{code}/noter", order.Sales, c.note},
		{"POST /dossiers/{code}/annuler", order.Sales, c.undo},
		{"POST /dossiers/{code}/reprendre", order.Sales, c.takeUp},
		{"POST /dossiers/{code}/nouveau", order.Sales, c.anew},
		{"GET /dossiers/{code}/reponse/{kind}", order.Sales, c.composeReply},
		{"POST /dossiers/{code}/reponse/{kind}", order.Sales, c.sendReply},
		{"POST /dossiers/{code}/reponse/{kind}/apercu", order.Sales, c.previewReply},
		{"POST /suspendre/{quoi}", order.Sales, c.pause},
		{"POST /reprendre/{quoi}", order.Sales, c.resume},
		{"GET /commandes", order.Reading, c.orders},
		{"GET /commandes/export/{kind}", order.Reading, c.export},
		{"GET /commandes/{number}", order.Reading, c.orderDetail},
		{"GET /commandes/{number}/pieces/{hash}", order.Reading, c.orderAttachment},
		{"GET /commandes/{number}/pieces/{hash}/pdf", order.Reading, c.orderPDF},
		{"POST /commandes/{number}/etat", order.Sales, c.advance},
		{"GET /tableau-de-bord", order.Reading, c.dashboard},
		{"GET /reprise", order.Reading, c.recovery},
		{"POST /reprise/{id}/envoyer", order.Sales, c.sendDoubtful},
		{"POST /reprise/{id}/abandonner", order.Sales, c.dropDoubtful},
	}
}

// allRoutes are the routes of all pages and acts of the console.
func (c *Console) allRoutes() []route {
	return slices.Concat(c.routes(), c.userRoutes(), c.registerRoutes(), c.verifierRoutes())
}

// The most octets that a form without files may send. The largest form of the console is
// an order form with all its cells; the largest of those who aren't signed in, the one by
// which they sign in.
const (
	maxBody      = 1 << 20
	maxStrangers = 4 << 10
)

// most is the most octets that the body of a request to the route may have.
func (r route) most() int64 {
	switch {
	case r.pattern == verifyPattern, r.pattern == markPattern:
		return maxVerified + maxStrangers
	case r.pattern == uploadPattern:
		return maxUpload + maxBody
	case r.role == "":
		return maxStrangers
	}
	return maxBody
}

// takesFile reports whether the route's requests bring a file.
func (r route) takesFile() bool {
	return r.pattern == verifyPattern || r.pattern == markPattern || r.pattern == uploadPattern
}
