# The portal with its own files, as nginx serves them beside it.

use strict;
use Plack::App::File;
use Plack::Builder;
use Lemonldap::NG::Portal::Main;

my $files = "$ENV{ROOT}/usr/share/lemonldap-ng/portal/htdocs/static";
builder {
    mount '/javascript' =>
        Plack::App::File->new( root => "$ENV{ROOT}/usr/share/javascript" )->to_app;
    mount '/static' => Plack::App::File->new( root => $files )->to_app;
    mount '/'       => Lemonldap::NG::Portal::Main->run( {} );
};
