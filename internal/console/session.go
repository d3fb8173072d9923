package console

func sessionRoutes() []route {
	return []route{{pattern: "GET /sessions", serve: serveSessions}}
}
