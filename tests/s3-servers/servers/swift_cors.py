"""A filter of Swift's proxy: the answers of CreateMultipartUpload, ListParts and CompleteMultipartUpload leave s3api
without CORS headers, whatever is configured. What a reverse proxy before Swift would add, this adds; errors stay as
Swift answers them."""


def filter_factory(_settings, origin, expose, **_others):
    def wrap(app):
        def answer(environ, start_response):
            def start(status, headers, error=None):
                names = {name.lower() for name, _ in headers}
                if environ.get("HTTP_ORIGIN") == origin and status.startswith("2") and "access-control-allow-origin" not in names:
                    headers = [*headers, ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", expose)]
                return start_response(status, headers, error)

            return app(environ, start)

        return answer

    return wrap
