# No pictures to read: the portal loads a captcha module even if no form uses one,
# and its own would need GD and ImageMagick.

package Lemonldap::NG::Portal::Captcha::None;

use strict;
use Mouse;

extends 'Lemonldap::NG::Portal::Main::Plugin';

sub init { return 1 }

1;
