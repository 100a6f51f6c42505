// A file of its own, since the page's policy refuses scripts within it.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#interface", deepLinking: true, persistAuthorization: false })
