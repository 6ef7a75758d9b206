//! A configured server, from bound sockets to the last call.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use sealift_dev_s3::DevS3;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::{App, Parts};
use crate::clock::Clock;
use crate::config::{Config, Storage};
use crate::origin::{Origins, own_origin};
use crate::secret::{Secret, random_hex};
use crate::{embedded, router, serve, statics};

/// Listens already, but answers only once [`run`](Self::run) is polled.
pub struct Server {
    app: App,
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    drain: Duration,
    dev_s3: Option<(DevS3, TcpListener, String)>,
}

impl Server {
    /// Binds the sockets and makes the keys that are missing.
    ///
    /// # Errors
    /// One sentence for whoever starts the server.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, String> {
        let Config { server, storage, auth, hooks, rules } = config;
        let (s3, dev_s3) = match storage {
            Storage::S3(s3) => (s3, None),
            Storage::DevS3(settings) => {
                make_folder(&server.data_dir)?;
                let embedded = embedded::start(&settings, &server.data_dir).await?;
                (embedded.s3, Some((embedded.service, embedded.listener, embedded.url)))
            }
        };
        let listener = TcpListener::bind(server.listen)
            .await
            .map_err(|error| format!("cannot listen on {} (`server.listen`): {error}", server.listen))?;
        let address = listener.local_addr().map_err(|error| format!("the socket has no address: {error}"))?;
        let public_url = server.public_url.as_ref().map_or_else(|| own_origin(address), ToString::to_string);

        let kept = |given: Option<Secret>, name: &str| match given {
            Some(secret) => Ok(secret),
            None => {
                make_folder(&server.data_dir)?;
                let path = server.data_dir.join(name);
                Secret::read_or_create(&path, || random_hex(32))
                    .map_err(|error| format!("cannot read or make the key {}: {error}", path.display()))
            }
        };
        if dev_s3.is_none() && server.token_secret.is_none() {
            let folder = server.data_dir.display();
            tracing::info!(
                "grants and receipts are signed with a key in {folder}; several replicas need the same one \
                 (`server.secret_file`)"
            );
        }
        let token_secret = kept(server.token_secret.clone(), "token-secret")?;
        // Only the demo gets an app's key of its own: elsewhere an app without one makes no such calls.
        let app_key = match (&dev_s3, &server.app_key) {
            (None, None) => None,
            (_, given) => Some(kept(given.clone(), "app-key")?),
        };
        let origins = Origins::new(server.public_url.as_ref(), address, &server.origins);
        let app = App::new(Parts {
            environment: server.environment.clone(),
            public_url,
            rules,
            s3,
            token_secret,
            old_token_secrets: server.old_token_secrets.clone(),
            app_key,
            auth,
            hooks,
            www: server.www.clone(),
            clock,
        })?;
        let router = router::router(app.clone(), &origins, server.max_body_bytes, server.timeout)
            .merge(statics::router(&server));
        Ok(Self { app, listener, address, router, drain: server.drain, dev_s3 })
    }

    /// `http://address:port`
    #[must_use]
    pub fn url(&self) -> String {
        own_origin(self.address)
    }

    /// `http://address:port` of the embedded dev-s3, if there is one.
    #[must_use]
    pub fn dev_s3_url(&self) -> Option<&str> {
        self.dev_s3.as_ref().map(|(_, _, url)| url.as_str())
    }

    /// Asks S3 for the time, then answers until `shutdown` resolves and the calls in flight are done.
    /// dev-s3 stops last: those calls may need it.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (stop, mut stopped) = watch::channel(());
        let dev_s3 = self.dev_s3.map(|(service, listener, _)| {
            tokio::spawn(async move {
                let stopped = async move {
                    let _ = stopped.changed().await;
                };
                service.serve(listener, stopped).await;
            })
        });
        self.app.learn_clock().await;
        serve::serve(self.listener, self.router, shutdown, self.drain).await;
        drop(stop);
        if let Some(dev_s3) = dev_s3 {
            let _ = tokio::time::timeout(self.drain, dev_s3).await;
        }
    }
}

fn make_folder(folder: &std::path::Path) -> Result<(), String> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))
}
